import escapeHtml from 'escape-html';
import express from 'express';

const app = express();

app.get('/search', (req, res) => {
  res.send('<p>Nothing found for ' + escapeHtml(req.query.q) + '</p>');
  res.send({ term: req.query.q });
});
