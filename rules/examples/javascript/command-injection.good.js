import { execFile } from 'node:child_process';
import express from 'express';

const app = express();
const wordPattern = /^[a-z]+$/;

app.get('/ping', (req, res) => {
  execFile('ping', ['-c', '1', '--', req.query.host], (error, output) => res.send({ output }));
  wordPattern.exec(req.query.host);
});
