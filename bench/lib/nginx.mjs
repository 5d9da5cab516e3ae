import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, waitForPort } from './ports.mjs';
import { CORES, startOn } from './processes.mjs';

const BODY = '{"forecast":"sunny","high":24,"low":11}';

async function startNginx(core, httpBlock) {
  const folder = mkdtempSync(join(tmpdir(), 'satway-nginx-'));
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; tcp_nodelay on;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  ${httpBlock(port)} }`,
  );
  const child = startOn(core, process.env.NGINX ?? '/usr/sbin/nginx', ['-c', file, '-p', folder]);
  await waitForPort(port);
  return { child, url: `http://127.0.0.1:${port}` };
}

/** The API behind every proxy of a benchmark. */
export function startUpstream() {
  return startNginx(
    CORES.others,
    (port) =>
      `server { listen 127.0.0.1:${port}; location / { default_type application/json; return 200 '${BODY}'; } }`,
  );
}

/** The mark: a plain proxy with keep-alive to the same upstream, HTTP/1.1, nothing buffered. */
export function startNginxProxy(upstreamUrl) {
  return startNginx(
    CORES.underTest,
    (port) => `upstream api { server ${new URL(upstreamUrl).host}; keepalive 64; keepalive_requests 100000000; }
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_buffering off; } }`,
  );
}
