/* Keeps the shell of the field face and serves it without the net. Nothing of any person is in it:
   what an officer takes along lies in IndexedDB, under a key of its own. */
"use strict";
const NAME = "mingzhi-field-{{ version }}";
const FILES = {{ files|safe }};

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    for (const file of FILES) {
      const answer = await fetch(file, { cache: "reload", credentials: "same-origin" });
      // A log-in page in place of the shell must never be kept as the shell.
      if (!answer.ok || answer.redirected) throw new Error(file);
      await cache.put(file, answer);
    }
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys())
      if (name.startsWith("mingzhi-field-") && name !== NAME) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const shell = url.pathname === "/field/";
  if (!shell && !FILES.includes(url.pathname)) return;
  event.respondWith((async () => {
    const kept = await (await caches.open(NAME)).match(shell ? "/field/" : url.pathname);
    return kept || fetch(event.request);
  })());
});
