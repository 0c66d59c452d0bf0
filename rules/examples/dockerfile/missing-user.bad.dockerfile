FROM golang:1.25 AS build
RUN go build -o /app ./cmd/app

# secplan-expect
FROM debian:12.8-slim
COPY --from=build /app /app
CMD ["/app"]
