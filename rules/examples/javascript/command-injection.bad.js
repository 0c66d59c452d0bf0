import { exec, spawn } from 'node:child_process';
import express from 'express';

const app = express();

app.get('/ping', (req, res) => {
  const host = req.query.host;
  // secplan-expect
  exec('ping -c 1 ' + host, (error, output) => res.send({ output }));
  // secplan-expect
  spawn('sh', ['-c', `nslookup ${host}`]);
});
