# The database is not in here: give it a DATABASE_URL, as docker-compose.yml does.
FROM rust:1.95-slim-bookworm AS build
# The allocator is written in C, and built by make.
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /wattline
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/wattline/target \
    cargo build --locked --release && cp target/release/wattline /usr/local/bin/wattline

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --no-create-home --shell /usr/sbin/nologin wattline
COPY --from=build /usr/local/bin/wattline /usr/local/bin/wattline
USER wattline
ENV WATTLINE_LISTEN=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["wattline"]
CMD ["web"]
