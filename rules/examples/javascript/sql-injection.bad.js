import express from 'express';
import { pool } from './pool.js';

const app = express();

app.get('/users', async (req, res) => {
  const statement = "SELECT id FROM users WHERE name = '" + req.query.name + "'";
  // secplan-expect
  const found = await pool.query(statement);
  // secplan-expect
  await pool.execute(`DELETE FROM visits WHERE visitor = ${req.body.visitor}`);
  res.json(found.rows);
});
