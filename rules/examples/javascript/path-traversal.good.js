import fs from 'node:fs';
import path from 'node:path';
import express from 'express';

const app = express();

app.get('/report/:name', (req, res) => {
  res.sendFile(req.params.name, { root: '/srv/reports' });
});

app.get('/raw', (req, res) => {
  fs.createReadStream(path.join('data', path.basename(req.query.id))).pipe(res);
});
