FROM debian:12.8-slim
# secplan-expect
RUN mkdir /data && chmod -R 777 /data
# secplan-expect
RUN chmod a+rw /etc/app.conf
USER 10001
