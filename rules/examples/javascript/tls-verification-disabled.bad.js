import https from 'node:https';

// secplan-expect
const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });

export function relax() {
  // secplan-expect
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  return agent;
}
