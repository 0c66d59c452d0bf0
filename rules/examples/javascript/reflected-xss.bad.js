import express from 'express';

const app = express();

app.get('/search', (req, res) => {
  const term = req.query.q;
  // secplan-expect
  res.send('<p>Nothing found for ' + term + '</p>');
});

app.get('/missing', (req, res) => {
  // secplan-expect
  res.status(404).send(`<h1>${req.params.page} is gone</h1>`);
});
