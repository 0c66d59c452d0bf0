FROM debian:12.8-slim
ARG NPM_TOKEN
ENV DB_PASSWORD_FILE=/run/secrets/db
ENV API_TOKEN=${NPM_TOKEN}
RUN --mount=type=secret,id=npm NPM_CONFIG_USERCONFIG=/run/secrets/npm npm ci
USER 10001
