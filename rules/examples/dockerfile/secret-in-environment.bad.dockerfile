FROM debian:12.8-slim
# secplan-expect
ENV LANG=C DB_PASSWORD=correct-horse
# secplan-expect
ARG NPM_TOKEN=abcdef0123456789
USER 10001
