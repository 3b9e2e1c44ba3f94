# syntax=docker/dockerfile:1
# One image for all programs of Tidemark, chosen by the command, and `front`, the proxy before them:
#   docker build -t tidemark .                         docker run -p 3000:3000 -v shop:/data tidemark
#   docker build -t tidemark-front --target front .    (deploy/compose.yaml starts both)

FROM debian:12 AS build
WORKDIR /src
# The packages first: they change seldom. scripts/bootstrap installs the same on any machine.
COPY scripts/bootstrap scripts/bootstrap
COPY web/package.json web/package-lock.json web/
RUN scripts/bootstrap run && rm -rf /var/lib/apt/lists/*
COPY . .
RUN scripts/build --programs release \
 && scripts/web \
 && cmake --install build/release --prefix /opt/tidemark --strip

# Only what runs: no headers, no static libraries.
FROM debian:12-slim AS programs
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
      libboost-context1.81.0 libfmt9 libprometheus-cpp-core1.0 librocksdb7.8 libspdlog1.10 libssl3 libstdc++6 \
      libtomlplusplus3 zlib1g \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10001 tidemark \
 && useradd --system --uid 10001 --gid tidemark --home-dir /data --shell /usr/sbin/nologin tidemark \
 && install --directory --owner=tidemark --group=tidemark /data
COPY --from=build /opt/tidemark/bin/ /usr/local/bin/
COPY --from=build /opt/tidemark/share/ /usr/local/share/
COPY deploy/health /usr/local/bin/tidemark-health

LABEL org.opencontainers.image.title="Tidemark" \
      org.opencontainers.image.description="Event-driven microservices over durable streams" \
      org.opencontainers.image.licenses="Apache-2.0"
# What any program takes as a flag it takes as TIDEMARK_…, too. Nothing is written outside of /data and /tmp.
ENV TIDEMARK_BIND=0.0.0.0 \
    TIDEMARK_STORE=embedded:/data/store \
    TIDEMARK_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 3000 5000 5001 5002 8000 8001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["tidemark-health"]
CMD ["shop"]

# The page and /api/<service>/ of services that run in containers of their own.
FROM debian:12-slim AS front
RUN apt-get update \
 && apt-get install --yes --no-install-recommends nginx-light \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10001 tidemark \
 && useradd --system --uid 10001 --gid tidemark --home-dir /tmp --shell /usr/sbin/nologin tidemark
COPY deploy/nginx.conf /etc/nginx/nginx.conf
COPY deploy/health /usr/local/bin/tidemark-health
LABEL org.opencontainers.image.title="Tidemark's front" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 10001:10001
EXPOSE 3000
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["tidemark-health"]
CMD ["nginx", "-e", "stderr", "-c", "/etc/nginx/nginx.conf"]

# Without --target: the programs.
FROM programs
