FROM node:24.11-slim
COPY .env.example /app/
COPY src/environment.ts /app/src/
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci
USER node
