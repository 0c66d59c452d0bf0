import fs from 'node:fs';
import path from 'node:path';
import express from 'express';

const app = express();

app.get('/report/:name', (req, res) => {
  const file = path.join('/srv/reports', req.params.name);
  // secplan-expect
  res.sendFile(file);
});

app.get('/raw', (req, res) => {
  // secplan-expect
  fs.createReadStream(`data/${req.query.id}.csv`).pipe(res);
});
