FROM node:24.11-slim
# secplan-expect
COPY .env /app/.env
# secplan-expect
COPY --chown=node deploy/id_ed25519 /home/node/.ssh/id_ed25519
USER node
