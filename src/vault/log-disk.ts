/**
 * The disk as the access log needs it: a port, so that faults can be tried.
 *
 * Law: what `replace` and `sync` have returned from survives a power cut.
 */
import type { Bytes } from '../vocabulary/index.ts'

/** A file that only grows at its end. */
export interface TailFile {
  /** Writes at the end; not yet durable. */
  write(bytes: Uint8Array): Promise<void>
  /** Makes everything written durable (fdatasync). */
  sync(): Promise<void>
  /** Cuts the file to `length` bytes and makes that durable. */
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** Paths are relative, with forward slashes. */
export interface LogDisk {
  /** Whole content, or undefined when there is no such file. */
  read(path: string): Promise<Bytes | undefined>
  /** Names in a folder; empty when there is none. */
  list(folder: string): Promise<readonly string[]>
  /** Writes a whole file so that it is there entirely or not at all, durably. */
  replace(path: string, bytes: Uint8Array): Promise<void>
  /** Opens a file at its end, making it (durably) when there is none. */
  openTail(path: string): Promise<TailFile>
  /** Removes a file or a folder with all in it; nothing there is no fault. */
  remove(path: string): Promise<void>
}
