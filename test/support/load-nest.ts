// Jest takes it for a cycle when a CommonJS package such as @nestjs/throttler requires an ES module of Nest while the
// graph that holds both is still being loaded. So that it need not, these are loaded before any spec.
import '@nestjs/common';
import '@nestjs/core';
