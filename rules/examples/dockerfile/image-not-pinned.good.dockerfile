ARG BASE
FROM node:24.11-slim AS build
RUN npm ci
USER node

FROM build AS test
RUN npm test
USER node

FROM debian:12.8-slim@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
COPY --from=build /app /app
USER 10001

FROM ${BASE} AS other
USER 10001

FROM scratch
COPY --from=build /app /app
USER 10001
