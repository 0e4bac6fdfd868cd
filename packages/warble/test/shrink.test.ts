import { expect, test } from "vitest";
import { shrink } from "../index.ts";

function shrunk(post: string, isAscii = false): string {
  const result = shrink(post, { isAscii });
  return "error" in result ? result.error.class : result.post;
}

test.each([
  ["a value alone prints itself", "{PRINT(2*x)}", "{2*x"],
  ["an empty line", "{PRINT()PRINT(1)}", '{""1'],
  ["but not what would print nothing", "{f(){a=1}PRINT(f())}", "{f(){a=1}P(f("],
  ["several values need PRINT", "{PRINT(a,b)}", "{P(a,b"],
  ["long names", "{total=7;total*=total;PRINT(total,total)}", "{t=7t*=t;P(t,t"],
  ["a name e is no exponent", "{e=7a=1e*=e P(e,a)}", "{b=7a=1b*=b;P(b,a"],
  ["names that begin alike", "{sum=1;so=2;S=3;PRINT(sum,so,S)}", "{s=1a=2S=3P(s,a,S"],
  [
    "functions and variables have names of their own",
    "{fact(num)=num<2?1:num*fact(num-1);fact(9)}",
    "{f(n)=n<2?1:n*f(n-1)f(9",
  ],
  ["a function never takes the P of PRINT", "{P(x)=x+1;PRINT(P(1),2)}", "{p(x)=x+1P(p(1),2"],
  ["counting up and down", "{i=9i=i+1i=i-1P(i,i)}", "{i=9i++i—P(i,i"],
  ["working on a name", "{x=3x=x*(2+y)P(x,x)}", "{x=3x*=2+y;P(x,x"],
  ["but there is no &=", "{x=3x=x&2a=[1]a[0]=a[0]|4P(x,x,a)}", "{x=3x=x&2a=[1]a[0]=a[0]|4P(x,x,a"],
  ["a factor from the left", "{x=3x=2*x P(x,x)}", "{x=3x*=2P(x,x"],
  ["but text is joined in its order", '{x="a"x=1+x P(x,x)}', '{x="a"x=1+x;P(x,x'],
  ["working on an element", "{a=[1]a[0]=a[0]+1P(a,a)}", "{a=[1]a[0]++P(a,a"],
  [
    "a name set by what is called",
    "{f()=x x=f()+1g(){x=9RETURN 1}x=x+g()P(x,x)}",
    "{f()=x;g(){x=9RETURN 1}x=f()+1x=x+g()P(x,x",
  ],
  ["names start at 0", "{x=0;FOR(i=0;i<9;i++)x+=i;P(x,x)}", "{FOR(;i<9;i++)x+=i;P(x,x"],
  ["but not again", "{x=5x=0P(x,x)}", "{x=5x=0P(x,x"],
  ["nor in a loop", "{WHILE(y<3){x=0x++y++P(x,x)}}", "{WHILE(y<3){x=0x++y++P(x,x"],
  ["nor 0.0", "{x=0.0P(x,x)}", "{x=0.P(x,x"],
  ["a minus of a big whole costs a step", "{x=-9007199254740991*8P(x,x)}", "{x=-9007199254740991*8P(x,x"],
  ["a name of a function stays shared", "{f(){x++}x=0f()f()P(x,x)}", "{f(){x++}x=0f()f()P(x,x"],
  ["a name of its own in a function", "{f(n){s=0s+=n RETURN s*s}f(4)}", "{f(n){s+=n;RETURN s*s}f(4"],
  ["braces around one statement", "{IF(a){b=1}}", "{IF(a)b=1"],
  ["but an ELSE stays where it was", "{IF(a){IF(b){x=1}}ELSE{y=1}P(x,y)}", "{IF(a){IF(b)x=1}ELSE y=1P(x,y"],
  ["blocks in blocks", "{{{a=1}}P(a,a)}", "{a=1P(a,a"],
  ["a body without anything", "{WHILE(a){}}", "{WHILE(a);"],
  ["an ELSE without anything", "{IF(a){b=1}ELSE{}P(b,b)}", "{IF(a)b=1P(b,b"],
  ["an IF without anything", "{IF(a){}ELSE{b=1}P(b,b)}", "{IF(!a)b=1P(b,b"],
  ["a command behind a condition", "{IF(a>3){LIGHTS(1,2,3,4)}}", "{a>3&&LIGHTS(1,2,3,4"],
  ["a command behind its contrary", "{IF(!a)LIGHTS(1,2,3,4)}", "{a||LIGHTS(1,2,3,4"],
  ["an IF in an IF", "{IF(a){IF(b>1){x=7}}P(x,x)}", "{IF(a&&b>1)x=7P(x,x"],
  ["but not where it would need brackets", "{IF(a||c){IF(b){x=7}}P(x,x)}", "{IF(a||c)IF(b)x=7P(x,x"],
  ["counting what is true", "{FOR(;i<9;i++){IF(i%2==0){n++}}P(n,n)}", "{FOR(;i<9;i++)n+=i%2==0P(n,n"],
  ["and what is not", "{FOR(;i<9;i++){IF(!i)n--}P(n,n)}", "{FOR(;i<9;i++)n-=!i;P(n,n"],
  ["but only for whole numbers", '{n="a"IF(b<3)n++P(n,n)}', '{n="a"IF(b<3)n++P(n,n'],
  ["whatever they come from", "{n=m/2IF(b<3)n++P(n,n)}", "{n=m/2IF(b<3)n++P(n,n"],
  ["a whole number to the left", "{n=LEN([])n=1+n;P(n,n)}", "{n=LEN([])n++P(n,n"],
  ["two prints", '{IF(a){PRINT("x")}ELSE{PRINT("y")}}', '{a?"x":"y"'],
  ["two commands", "{IF(a)LIGHTS(1,2,3,4)ELSE SLEEP(1)}", "{a?LIGHTS(1,2,3,4):SLEEP(1"],
  ["a print and a command stay apart", "{IF(a)PRINT(1)ELSE SLEEP(1)}", "{IF(a)1ELSE SLEEP(1"],
  ["two settings of one name", "{IF(a){b=1}ELSE{b=2}P(b,b)}", "{b=a?1:2P(b,b"],
  ["two returns", "{f(n){IF(n<2){RETURN 1}ELSE{RETURN n*f(n-1)}}f(5)}", "{f(n)=n<2?1:n*f(n-1)f(5"],
  ["a return and another after it", "{f(n){IF(n<2)RETURN 1;RETURN n*f(n-1)}f(5)}", "{f(n)=n<2?1:n*f(n-1)f(5"],
  ["a last RETURN of nothing", "{f(n){SLEEP(n);RETURN}f(5)}", "{f(n){SLEEP(n}f(5"],
  ["a function that nobody calls", "{f(n)=n g()=f(1)1}", "{1"],
  ["a loop that counts", "{i=0;WHILE(i<5){PRINT(i);i++}}", "{FOR(;i<5;i++)i"],
  ["but not past a CONTINUE", "{WHILE(i<5){IF(i)CONTINUE;i++}}", "{WHILE(i<5){IF(i)CONTINUE;i++"],
  ["a CONTINUE of an inner loop is its own", "{WHILE(i<5){WHILE(a)CONTINUE;i++}}", "{FOR(;i<5;i++)WHILE(a)CONTINUE"],
  ["a start that saves a semicolon", "{n=m FOR(;n<5;)n++}", "{FOR(n=m;n<5;)n++"],
  ["a value that is printed and forgotten", "{r=10+2;PRINT(r)}", "{12"],
  ["whole numbers are worked out", "{x=2+3*4-1;P(x,-(-3),7//2,-7%3,!0)}", "{x=13P(x,3,3,2,1"],
  ["powers, when that is shorter", "{P(2^3,2^200,9^9^9^9)}", "{P(8,2²⁰⁰,9^9^9⁹"],
  ["floats are not", "{P(1/3,0.1+0.2)}", "{P(1/3,.1+.2"],
  ["nothing is divided by zero before its time", "{P(1)P(1//0,1%0)}", "{1P(1//0,1%0"],
  ["texts are joined", '{P("a"+"b",1)}', '{P("ab",1'],
  ["unless no quote could hold them", `{P("'"+'"',1)}`, `{P("'"+'"',1`],
  ["a comparison is 1 or 0 by itself", "{x=a<b?1:0P(x,x)}", "{x=a<b;P(x,x"],
  ["numbers with a point", "{P(0.50,100.0,1.0,0.001,12.5e10,1000000.0,0.0)}", "{P(.5,1e2,1.,.001,125e9,1e6,0."],
  ["a million", "{P(1000000,65536,1000)}", "{P(10⁶,2¹⁶,10³"],
  ["but not where it is worked out again and again", "{WHILE(x<1000000)x++}", "{WHILE(x<1000000)x++"],
  ["nor in a SUM", "{SUM(k,1,9,k*1000000)}", "{∑(k,1,9,k*1000000"],
  ["pi is a sign", "{P(PI,PI())}", "{P(π,π"],
  ["unless a name took it", "{PI=3P(PI,PI())}", "{PI=3P(PI,π("],
  ["the last function ends with most closers", "{f(x)=[x,[x,[x]]]f(1)}", "{f(1)f(x)=[x,[x,[x"],
  ["closers before a brace", "{IF(a){b=1+c;P(b,b)}c=1}", "{IF(a){b=1+c;P(b,b}c=1"],
])("%s", (_, post, short) => {
  expect(shrunk(post)).toBe(short);
});

test("without signs that are on no keyboard", () => {
  const post = "{i=5i=i-1P(i^2,i<=3,i>=3,i!=3,SQRT(i),PI,SUM(k,1,2,k),PROD(k,1,2,k))}";
  expect(shrunk(post)).toBe("{i=5i—P(i²,i≤3,i≥3,i≠3,√(i),π,∑(k,1,2,k),∏(k,1,2,k");
  expect(shrunk(post, true)).toBe("{i=5i--P(i^2,i<=3,i>=3,i!=3,SQRT(i),PI,SUM(k,1,2,k),PROD(k,1,2,k");
});

test("what stands around a program stays, and then its last brace, too", () => {
  expect(shrunk("Hi @pi! # PI {PRINT(1)} #fun")).toBe("Hi @pi! #pi{1} #fun");
  expect(shrunk("Hi @pi! #pi{PRINT([1])}")).toBe("Hi @pi! #pi{[1");
  expect(shrunk("＃ｐｉ｛ＰＲＩＮＴ（１）｝")).toBe("#pi{1");
  expect(shrunk("{IF(a){PRINT(1)}}}; }")).toBe("{IF(a)1");
});

test("what cannot be shorter comes back as it was", () => {
  for (const post of ["{1", "#pi{", "{f(n)=n<2?1:n*f(n-1)f(9"]) {
    expect(shrink(post)).toMatchObject({ post, length: post.length, lengthBefore: post.length });
  }
});

test("what looks like an entity is posted so that it stays what it is", () => {
  const result = shrink('{PRINT("&amp;lt;")}');
  expect(result).toMatchObject({ post: '{"&amp;lt;"', length: 7, lengthBefore: 15 });
});

test("a program with more names than letters gets longer ones", () => {
  const names = Array.from({ length: 60 }, (_, i) => `name${i}`);
  const post = `{${names.map((name) => `${name}=1`).join(";")};P(${names.join("+")})}`;
  const result = shrunk(post);
  expect(result).toContain("a0=1");
  expect(result.length).toBeLessThan(400);
});

test("a program that cannot be read says why", () => {
  expect(shrink("{PRINT(1+)}")).toMatchObject({ error: { class: "SYNTAX", pos: 10 } });
  expect(shrink("hello")).toMatchObject({ error: { class: "NOTWARBLE" } });
  expect(shrink(`{${"x".repeat(5000)}}`)).toMatchObject({ error: { class: "LONG" } });
});

test("a long program in one long expression reaches no end of the stack", () => {
  const post = `{P(${"1.5+".repeat(900)}1)}`;
  expect(shrunk(post).length).toBeLessThan(post.length);
});
