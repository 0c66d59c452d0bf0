import vm from 'node:vm';
import express, { type Request, type Response } from 'express';

const app = express();

app.post('/calc', (req: Request, res: Response): void => {
  const formula: string = req.body.formula;
  // secplan-expect
  res.json(eval(formula));
  // secplan-expect
  vm.runInNewContext(`result = ${formula}`, {});
});
