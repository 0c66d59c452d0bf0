# hadolint ignore=DL3007
FROM alpine:latest
# hadolint ignore=DL3018
RUN apk add curl
USER nobody
