import { expect, test } from "vitest";
import { Fields } from "../core/http/field.ts";
import { toUpgradeRequest } from "./handler.ts";

test("a request makes what is seldom asked for when it is asked for; its `header` may be taken off it", () => {
  const asked: string[] = [];
  const from = {
    get remoteAddress() {
      asked.push("address");
      return "192.0.2.1";
    },
    secure: true,
  };
  const fields = new Fields([["Host", "a"], ["X-One", "1"], ["x-one", "2"]]);
  const request = toUpgradeRequest({ method: "GET", target: "/chat?room=1&room=2", fields }, from);
  expect(asked).toEqual([]);
  const { header } = request;
  expect([header("HOST"), header("x-one"), header("x-two")]).toEqual(["a", "1, 2", undefined]);
  expect([request.path, request.query.getAll("room"), request.secure]).toEqual(["/chat", ["1", "2"], true]);
  expect(request.query).toBe(request.query);
  expect([request.remoteAddress, asked]).toEqual(["192.0.2.1", ["address"]]);
  const plain = toUpgradeRequest({ method: "GET", target: "/chat", fields }, from);
  expect([plain.path, [...plain.query]]).toEqual(["/chat", []]);
});
