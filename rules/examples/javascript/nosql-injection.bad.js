export function routes(app, users) {
  app.post('/login', async (req, res) => {
    // secplan-expect
    const user = await users.findOne({ name: req.body.name, password: req.body.password });
    res.json({ ok: user !== null });
  });
  app.post('/purge', async (req, res) => {
    const filter = req.body;
    // secplan-expect
    await users.deleteMany(filter);
    res.end();
  });
}
