import express from 'express';
import { pool } from './pool.js';

const app = express();

app.get('/users', async (req, res) => {
  const found = await pool.query('SELECT id FROM users WHERE name = $1', [req.query.name]);
  await pool.execute(`DELETE FROM visits WHERE id = ${Number(req.body.id)}`);
  res.json(found.rows);
});
