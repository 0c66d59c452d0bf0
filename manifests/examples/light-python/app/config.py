"""Settings. The credentials are made up: they only look like the real thing, so that scanners have something to find."""

settings = {
    "session_key": "b7f1c94e02ad4d6f8e35a1907cd2264b",
    "aws_access_key_id": "AKIASYNTHETICFAKE234",
    "github_token": "ghp_SyntheticFakeTokenForScanners00x7Q2w",
    "database_url": "postgresql://shop:hunter2hunter2@db.internal.example.com:5432/shop",
}
