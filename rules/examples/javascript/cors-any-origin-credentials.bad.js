import cors from 'cors';
import express from 'express';

const app = express();
// secplan-expect
app.use(cors({ origin: true, credentials: true }));

export function echo(req, res, next) {
  // secplan-expect
  res.setHeader('Access-Control-Allow-Origin', req.headers.origin);
  res.setHeader('Access-Control-Allow-Credentials', 'true');
  next();
}
