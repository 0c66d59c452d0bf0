import axios from 'axios';
import type { Request, Response } from 'express';

export async function preview(req: Request, res: Response): Promise<void> {
  const target = req.body.url as string;
  // secplan-expect
  const page = await fetch(target);
  // secplan-expect
  await axios.get(`http://${req.query.host}/health`);
  res.json({ size: (await page.text()).length });
}
