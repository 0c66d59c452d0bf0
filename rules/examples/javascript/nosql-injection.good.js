export function routes(app, users, verify) {
  app.post('/login', async (req, res) => {
    const user = await users.findOne({ name: String(req.body.name) });
    res.json({ ok: await verify(user, req.body.password) });
  });
}
