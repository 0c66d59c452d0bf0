// Stands in for a stack that a manifest does not have: answers every request, so that what needs one can be tried.
import { createServer } from 'node:http';

const port = Number(process.argv[2]);
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, {
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'",
    'content-type': 'application/json',
    'x-content-type-options': 'nosniff',
  });
  response.end('{"placeholder":true}\n');
});
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
// In a container of its own it is reached from others.
server.listen(port, process.argv[3] ?? '127.0.0.1');
