import express from 'express';
import session from 'express-session';

const app = express();
// secplan-expect
app.use(session({ secret: process.env.KEY, cookie: { secure: false } }));

app.get('/', (req, res) => {
  // secplan-expect
  res.cookie('sid', 'abc', { httpOnly: false, secure: true });
  res.end();
});
