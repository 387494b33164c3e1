# One image for every service: `prdtool start <service>`, or all of them without a name.
FROM node:26-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without scripts: they build the page, whose sources come next, and fetch Node, which the image has.
RUN npm ci --ignore-scripts
COPY tsconfig.json moleculer.config.ts ./
COPY services services
COPY src src
RUN npm run build:web && npm prune --omit=dev --ignore-scripts

FROM node:26-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json /app/moleculer.config.ts ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/services services
COPY --from=build /app/src src
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
# Node itself is process 1's child of nobody: SIGTERM reaches it, and it drains.
ENTRYPOINT ["node", "src/cli/main.ts"]
CMD ["start"]
