import fs from 'node:fs';
import https from 'node:https';

export const agent = new https.Agent({ ca: fs.readFileSync('ca.pem'), rejectUnauthorized: true });
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '1';
