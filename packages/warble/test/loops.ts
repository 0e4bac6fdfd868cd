import fc from "fast-check";

/** Programs of loops over numbers, made at random: what the WebAssembly tier is for, and all that it must leave alone. */
export function anyLoops(): fc.Arbitrary<string> {
  const name = fc.constantFrom("a", "b", "c", "i", "j", "n");
  const number = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }).map(String) },
    { weight: 2, arbitrary: fc.constantFrom("0.5", ".1", "2.0", "1e-3", "0.0", "3.75", "1e300", "1e-320") },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "2147483647",
        "2147483648",
        "4294967296",
        "9007199254740991",
        "9007199254740992",
        "4503599627370496",
        "94906267",
      ),
    },
  );
  const { expr } = fc.letrec<{ expr: string }>((tie) => {
    const two = fc.tuple(tie("expr"), tie("expr"));
    const brackets = (text: string) => `(${text})`;
    return {
      expr: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        { weight: 4, arbitrary: name },
        { weight: 3, arbitrary: number },
        {
          weight: 8,
          arbitrary: fc
            .tuple(tie("expr"), fc.constantFrom("+", "-", "*", "+", "-", "*", "/", "//", "%", "&", "|"), tie("expr"))
            .map(([a, sign, b]) => brackets(`${a}${sign}${b}`)),
        },
        {
          weight: 2,
          arbitrary: fc
            .tuple(tie("expr"), fc.constantFrom("<", "<=", "==", "!=", ">", ">=", "&&", "||"), tie("expr"))
            .map(([a, sign, b]) => brackets(`${a}${sign}${b}`)),
        },
        { weight: 1, arbitrary: fc.tuple(two, tie("expr")).map(([[a, b], c]) => brackets(`${a}<${b}<=${c}`)) },
        { weight: 2, arbitrary: fc.tuple(two, tie("expr")).map(([[a, b], t]) => brackets(`${t}?${a}:${b}`)) },
        {
          weight: 2,
          arbitrary: fc
            .tuple(tie("expr"), fc.constantFrom("0", "1", "2", "3", "5", "-1", "-2", "0.5", "i", "20", "(-i)", "i/2"))
            .map(([a, n]) => brackets(`${a}^${n}`)),
        },
        { weight: 1, arbitrary: fc.tuple(fc.constantFrom("-", "!", "+"), tie("expr")).map(([s, a]) => `${s}${a}`) },
        {
          weight: 3,
          arbitrary: fc
            .tuple(
              fc.constantFrom("ABS", "FLOOR", "CEIL", "ROUND", "SQRT", "ISQRT", "INT", "FLOAT", "f", "SIN", "LN"),
              tie("expr"),
            )
            .map(([f, a]) => `${f}(${a})`),
        },
        {
          weight: 2,
          arbitrary: fc
            .tuple(fc.constantFrom("MIN", "MAX", "XOR", "g", "h", "GCD", "ROUND"), two)
            .map(([f, [a, b]]) => `${f}(${a},${b})`),
        },
        { weight: 1, arbitrary: fc.constantFrom("PI", "RAND(9)", "RAND()", 'LOAD("s")', "q[1]", "LEN(q)", "z", "t") },
        { weight: 1, arbitrary: tie("expr").map((a) => `SUM(k,0,3,${a}+k)`) },
      ),
    };
  });
  const sign = fc.constantFrom("=", "=", "=", "+=", "-=", "*=", "/=", "//=", "%=", "^=");
  const assign = fc.tuple(name, sign, expr).map(([n, s, e]) => `${n}${s}${e}`);
  const { stmt } = fc.letrec<{ stmt: string }>((tie) => ({
    stmt: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 6, arbitrary: assign },
      { weight: 1, arbitrary: fc.tuple(name, fc.constantFrom("++", "--")).map(([n, s]) => `${n}${s}`) },
      {
        weight: 3,
        arbitrary: fc.tuple(expr, tie("stmt"), tie("stmt")).map(([t, a, b]) => `IF(${t}){${a}}ELSE{${b}}`),
      },
      {
        weight: 3,
        arbitrary: fc
          .tuple(fc.constantFrom("i", "j"), fc.integer({ min: 0, max: 9 }), tie("stmt"), tie("stmt"))
          .map(([v, n, a, b]) => `FOR(${v}=0;${v}<${n};${v}++){${a};${b}}`),
      },
      { weight: 1, arbitrary: fc.tuple(expr, tie("stmt")).map(([t, a]) => `WHILE(${t}){${a};n++}`) },
      { weight: 2, arbitrary: fc.tuple(tie("stmt"), tie("stmt")).map(([a, b]) => `${a};${b}`) },
      { weight: 1, arbitrary: fc.constantFrom("BREAK", "CONTINUE", "{}", "b+=f(a)", 't="x"', 'SAVE("s",a)') },
      {
        weight: 2,
        arbitrary: fc
          .tuple(
            fc.constantFrom("PRINT", "PUT", "LOG", "LIGHTS(i,1,", 'PRINT(t,"=",', "a>b&&PRINT", "SAVE('s',", ""),
            expr,
          )
          .map(([f, a]) =>
            f === "" ? a : f.includes("(") ? `${f}${a}${f.startsWith("L") ? ",3" : ""})` : `${f}(${a})`,
          ),
      },
      { weight: 1, arbitrary: fc.constantFrom("PREC(9)", "PREC(0)", "q[i]=a", "e(a)", "SEED(a)", "z=h(a,b)") },
    ),
  }));
  const body = fc.tuple(stmt, fc.constantFrom("", "IF(j>3)RETURN a;", "IF(a<b)RETURN b;"), expr);
  const start = fc.tuple(number, number, number).map(([a, b, c]) => `a=${a};b=-${b};c=${c};q=[1,2.5,3]`);
  return fc
    .tuple(expr, fc.tuple(expr, expr, expr), body, start, fc.array(stmt, { minLength: 1, maxLength: 3 }))
    .map(([f, [g, h, low], [s, early, back], begin, list]) => {
      const inside = (text: string) => text.replace(/BREAK|CONTINUE/g, "n--");
      const functions = [
        `f(a)=${f.replace(/\b[fgh]\(/g, "ABS(").replace(/ABS\(([^(),]*),([^(),]*)\)/g, "MAX($1,$2)")}`,
        `g(a,b)=a<1||b>40?${low}:${g}-g(a-1,b+1)${h === "a" ? "*2" : ""}`,
        `h(a,n){FOR(j=0;j<5;j++){${early}${inside(s)}}RETURN ${back}}`,
        "e(x)PREC(x%3)".replace(")PREC(x%3)", "){c=x}"),
      ];
      return `{${functions.join(";")};${begin};FOR(i=0;i<30;i++){${list.map(inside).join(";")}}PRINT(a,b,c,i,j,n)}`;
    });
}
