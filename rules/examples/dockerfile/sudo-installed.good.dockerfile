FROM debian:12.8-slim
RUN useradd --uid 10001 app
USER app
