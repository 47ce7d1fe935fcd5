// Lets the pages be installed, and says so where there is no network. It keeps no page: what is open changes by the second.
"use strict";
const SHELL = "hansho-shell";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll(["/app/offline", "/style.css"])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") {
    event.respondWith(fetch(event.request).catch(() => caches.match("/app/offline")));
  } else if (new URL(event.request.url).pathname === "/style.css") {
    event.respondWith(fetch(event.request).catch(() => caches.match("/style.css", { ignoreSearch: true })));
  }
});
