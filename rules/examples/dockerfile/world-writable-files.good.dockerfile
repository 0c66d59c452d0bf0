FROM debian:12.8-slim
RUN mkdir /data && chown 10001 /data && chmod -R 0750 /data
RUN chmod a+rx /usr/bin/app && chmod 1777 /tmp
USER 10001
