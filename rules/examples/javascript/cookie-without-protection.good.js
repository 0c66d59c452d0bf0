import express from 'express';
import session from 'express-session';

const app = express();
app.use(session({ secret: process.env.KEY, cookie: { secure: true, httpOnly: true } }));

app.get('/', (req, res) => {
  res.cookie('sid', 'abc', { httpOnly: true, secure: true, sameSite: 'lax' });
  res.end();
});
