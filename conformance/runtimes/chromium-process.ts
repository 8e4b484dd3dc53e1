/**
 * Starts Chromium with the page that runs the cases.
 * @module
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { bundle } from "./bundle.ts";
import type { Control } from "./control.ts";
import type { Given } from "./given.ts";
import { LAST_LINE } from "./given.ts";
import { type Column, installed, type Running } from "./start.ts";

const program = process.env["CHROMIUM"] ?? installed("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");

/** The column of Chromium, whose page comes from there. */
export function chromiumColumn(control: Control): Column {
  return {
    name: "chromium",
    missing: program === undefined ? "Chromium is not installed; CHROMIUM in the environment may have its path" : undefined,
    start: (given, onLine) => start(control, given, onLine),
  };
}

function start(control: Control, given: Given, onLine: (line: string) => void): Running {
  const script = join(given.folder, "page.js");
  bundle("chromium.ts", script);
  const profile = join(given.folder, "profile");
  mkdirSync(profile);
  control.script = readFileSync(script, "utf8");
  control.given = given;
  const child = spawn(program as string, [...ARGUMENTS, `--user-data-dir=${profile}`, control.url], {
    detached: true, // with its children in a group, which ends with it
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, HOME: profile },
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => log += text);
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`Chromium ended with ${code ?? signal}: ${log.slice(-2_000)}`));
  });
  const finished = new Promise<undefined>((resolve) => {
    control.onLine = (line) => {
      onLine(line);
      if (line === LAST_LINE) resolve(undefined);
    };
  });
  return {
    ended: Promise.race([finished, exited]),
    async stop() {
      control.onLine = () => {};
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // it has ended
      }
      await exited;
    },
  };
}

const ARGUMENTS = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-extensions",
];
