# The full image has the compiler that the SQLite driver needs; the slim one runs what came of it. Both are one Node.
FROM node:20.20.2-bookworm AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build
# All that dist/ leaves outside: the driver without its C sources, and what finds its addon.
RUN mkdir -p /app/node_modules/better-sqlite3/build/Release \
    && cp -r dist package.json LICENSE NOTICE /app/ \
    && cd node_modules \
    && cp -r bindings file-uri-to-path /app/node_modules/ \
    && cd better-sqlite3 \
    && cp -r package.json LICENSE lib /app/node_modules/better-sqlite3/ \
    && cp build/Release/better_sqlite3.node /app/node_modules/better-sqlite3/build/Release/

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production
# At most two pools for the memory of all threads, or each of ten holds a little that nobody uses: 3 MB.
ENV MALLOC_ARENA_MAX=2
COPY --from=build /app /app
# The ledger and crossbill.yaml live here.
RUN install -d -o node -g node /data
WORKDIR /data
VOLUME /data
USER node
EXPOSE 9870
# `NODE_OPTIONS=--enable-source-maps` names the sources in a stack, for 16 MB.
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["run"]
