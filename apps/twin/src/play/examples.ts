/** Programs to begin with: most of them printed in the cluster's first publication. */
export const examples: readonly { readonly label: string; readonly program: string }[] = [
  { label: "Hello", program: '#pi{PRINT("hello cluster")}' },
  { label: "Pi", program: "#pi{PRINT(2*ROUND(ACOS(0.0),3))}" },
  { label: "Count", program: "#pi{FOR(i=0;i<10;i++){PRINT(i)}}" },
  {
    label: "Rainbow",
    program: "#pi{FOR(i=0;i<24;i++){LIGHTS(i,127+127*SIN(i/4),127+127*SIN(i/4+2),127+127*SIN(i/4+4))}}",
  },
  { label: "Lamp off", program: "#pi{FOR(i=0;i<24;i++){LIGHTS(i,0,0,0)}}" },
  {
    label: "50 digits of pi",
    program: "#pi{PREC(50)x=0FOR(k=0;k<45;k++){x+=1/16^k*(4/(8*k+1)-2/(8*k+4)-1/(8*k+5)-1/(8*k+6))}PRINT(x)}",
  },
  { label: "Remember", program: '#pi{x=LOAD("visits");x++;SAVE("visits",x);PRINT("visit",x)}' },
  { label: "Where am I", program: '#pi{PRINT("board",NODE(),"of",NODES(),"at",TEMP(),"degrees")}' },
  { label: "Primes", program: '#pi{FOR(n=2;n<100;n++){p=1;FOR(d=2;d*d<=n;d++){IF(n%d==0){p=0}}IF(p){PUT(n," ")}}}' },
];
