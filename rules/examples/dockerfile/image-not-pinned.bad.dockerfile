# secplan-expect
FROM node:latest AS build
RUN npm ci
USER node

# secplan-expect
FROM debian
COPY --from=build /app /app
USER 10001
