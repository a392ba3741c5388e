// Reservations against the system's own account of the address space: what a user gets is zero, and accessible exactly as far as committed,
// whatever earlier users of the same range did.

import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Reservation } from '../../contract/processor.ts';
import { libc, whyNoNativeCode } from './libc.ts';
import { ReservationPool } from './reservations.ts';

const page = 65536;

/** Bytes from `address` on that the kernel lets one read and write, up to `byteLength`. */
function accessibleBytes(address: number, byteLength: number): number {
  let end = address;
  for (const line of readFileSync('/proc/self/maps', 'utf8').split('\n')) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) (r)(w)/.exec(line);
    if (match === null) continue;
    const from = Number.parseInt(match[1] ?? '', 16);
    if (from <= end && Number.parseInt(match[2] ?? '', 16) > end) end = Number.parseInt(match[2] ?? '', 16);
  }
  return Math.min(end - address, byteLength);
}

/** Numbers below `n` from a fixed sequence (xorshift32, Marsaglia 2003). */
function dice(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

const reason = whyNoNativeCode();

describe('reservations', () => {
  beforeEach(({ skip }) => skip(reason !== undefined, reason));

  it('give zeroed bytes, accessible exactly as far as committed', () => {
    const pool = new ReservationPool(libc());
    const roll = dice(20);
    const open: { readonly reservation: Reservation; pages: number }[] = [];
    for (let step = 0; step < 400; step++) {
      const choice = roll(3);
      const victim = roll(open.length);
      const one = open[victim];
      if (choice === 0 || one === undefined) {
        const reservation = pool.maybeReserve(16 * page);
        if (reservation === undefined) throw new Error('no addresses');
        const pages = roll(6);
        expect(reservation.commit(pages * page)).toBe(true);
        expect(reservation.bytes.length).toBe(pages * page);
        expect(reservation.bytes.every((byte) => byte === 0)).toBe(true);
        reservation.bytes.fill(0xee);
        open.push({ reservation, pages });
      } else if (choice === 1) {
        const pages = one.pages + roll(4);
        expect(one.reservation.commit(pages * page)).toBe(true);
        expect(one.reservation.bytes.subarray(one.pages * page).every((byte) => byte === 0)).toBe(true);
        expect(one.reservation.bytes.subarray(0, one.pages * page).every((byte) => byte === 0xee)).toBe(true);
        one.reservation.bytes.fill(0xee);
        one.pages = pages;
        expect(one.reservation.commit(17 * page)).toBe(false);
        if (pages > 12) {
          one.reservation.release();
          open.splice(victim, 1);
        }
      } else {
        one.reservation.release();
        open.splice(victim, 1);
      }
      if (step % 10 === 0) {
        for (const { reservation, pages } of open) {
          expect(accessibleBytes(reservation.address, reservation.byteLength)).toBe(pages * page);
          expect(pool.guards(reservation.address + pages * page)).toBe(true);
          expect(pages === 0 || !pool.guards(reservation.address)).toBe(true);
        }
      }
    }
    pool.dispose();
  });
});
