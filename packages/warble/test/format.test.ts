import { expect, test } from "vitest";
import { format } from "../index.ts";

function formatted(post: string): string {
  const result = format(post);
  return "error" in result ? result.error.class : result.post;
}

test("a line a statement, with names of built-ins in capitals and every closer in its place", () => {
  const post =
    "#pi{f(n)=n<2?1:n*f(n-1)g(a,b){p(a,b)return}for(i=0,j=1;i<9;i++,j*=2){if(i%2)continue;x[i]=-(-3)^2a--}if(√(x)>=1)b=[1,2]else if(b)break2π";
  expect(formatted(post.replace("break2π", "while(1){}else{prec(5)π²}"))).toBe(
    `#pi{
  f(n) = n < 2 ? 1 : n * f(n - 1);
  g(a, b) {
    PRINT(a, b);
    RETURN;
  }
  FOR (i = 0, j = 1; i < 9; i++, j *= 2) {
    IF (i % 2)
      CONTINUE;
    x[i] = -(-3)^2;
    a--;
  }
  IF (SQRT(x) >= 1)
    b = [1, 2];
  ELSE IF (b)
    WHILE (1) {}
  ELSE {
    SETPRECISION(5);
    PI^2;
  }
}`,
  );
});

test("statements that touched are parted, and what was forgiven is written out", () => {
  expect(formatted("{x=0PRINT(x")).toBe("{\n  x = 0;\n  PRINT(x);\n}");
  expect(format("{PRINT(1")).toMatchObject({ length: 15, lengthBefore: 8, warnings: [{ pos: 9 }, { pos: 9 }] });
});

test("what stands around the program stays, and an empty program is empty", () => {
  expect(formatted("Hi! # pi {2+2} #fun")).toBe("Hi! #pi{\n  2 + 2;\n} #fun");
  expect(formatted("#pi{}")).toBe("#pi{}");
  expect(formatted("{f(){}}")).toBe("{\n  f() {}\n}");
  expect(formatted("{FOR(;;){}}")).toBe("{\n  FOR (;;) {}\n}");
});

test("a name that a function of the program took stays as it is written", () => {
  expect(formatted("{PRINT(x)=x*2;P(PRINT(1));print(2)}")).toBe(
    "{\n  PRINT(x) = x * 2;\n  P(PRINT(1));\n  print(2);\n}",
  );
});

test("texts keep their characters, with the quotes that can hold them", () => {
  expect(formatted("{P(‘it’,“say 'π'”,'a\"b',\"&amp;lt;\")}")).toBe(
    '{\n  PRINT("it", "say \'π\'", \'a"b\', "&amp;lt;");\n}',
  );
});

test("a post that is too long to be posted can be laid out, and one that cannot be read says why", () => {
  const long = `{${"x=x+1;".repeat(60)}}`;
  expect(format(long)).toMatchObject({ lengthBefore: 362 });
  expect(formatted(`{${"x".repeat(5000)}}`)).toBe("LONG");
  expect(format("{1+}")).toMatchObject({ error: { class: "SYNTAX", pos: 4 } });
});
