;; What core/bytes/simd.ts carries. After a change: npx -p wabt@1.0.39 wat2wasm simd.wat -o simd.wasm && base64 -w0 simd.wasm
(module
  ;; one page of 64 KiB to work in; it never grows
  (memory (export "memory") 1 1)
  ;; copies from $from to $end into memory at $to, in steps of 64 bytes, XORed with $key, which may be the same place; returns 0 when every byte written is ASCII
  (func (export "xor") (param $from i32) (param $to i32) (param $end i32) (param $key i32) (result i32)
    (local $keys v128) (local $all v128) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $keys (i32x4.splat (local.get $key)))
    (loop $next
      (v128.store (local.get $to) (local.tee $a (v128.xor (v128.load (local.get $from)) (local.get $keys))))
      (v128.store offset=16 (local.get $to) (local.tee $b (v128.xor (v128.load offset=16 (local.get $from)) (local.get $keys))))
      (v128.store offset=32 (local.get $to) (local.tee $c (v128.xor (v128.load offset=32 (local.get $from)) (local.get $keys))))
      (v128.store offset=48 (local.get $to) (local.tee $d (v128.xor (v128.load offset=48 (local.get $from)) (local.get $keys))))
      (local.set $all (v128.or (local.get $all) (v128.or (v128.or (local.get $a) (local.get $b)) (v128.or (local.get $c) (local.get $d)))))
      (local.set $to (i32.add (local.get $to) (i32.const 64)))
      (br_if $next (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 64))) (local.get $end))))
    (i8x16.bitmask (local.get $all))))
