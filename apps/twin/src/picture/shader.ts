/** The boards' shader: each instance is a quad a little larger than its board; the fragment draws state, level, pattern and ring. */

/** GLSL of the corner of each quad. Pixels are CSS pixels, y down. */
export const boardVertex = /* glsl */ `
attribute vec4 look;
attribute float changed;
uniform float uNow, uPass;
varying vec2 vPoint;
varying vec2 vHalf;
varying vec4 vLook;
varying float vAge;

bool has(float flags, float bit) { return mod(floor(flags / bit), 2.0) > 0.5; }

void main() {
  float flags = look.z;
  bool isRaised = has(flags, 2.0) || has(flags, 4.0) || has(flags, 8.0);
  if (isRaised != (uPass > 0.5)) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); return; }
  vHalf = vec2(instanceMatrix[0][0], instanceMatrix[1][1]) * 0.5;
  if (has(flags, 8.0)) vHalf += vec2(max(1.5, vHalf.x * 0.34), max(2.0, vHalf.y * 0.12));
  else if (has(flags, 2.0) || has(flags, 4.0)) vHalf += vec2(1.0);
  vLook = look;
  vAge = clamp((uNow - changed) / 900.0, 0.0, 1.0);
  // Room for rings and glow only where there are some: software WebGL pays for every pixel.
  vPoint = position.xy * 2.0 * (vHalf + (isRaised || vAge < 1.0 ? 7.0 : 0.5));
  gl_Position = projectionMatrix * modelViewMatrix * vec4(instanceMatrix[3].xy + vPoint, 0.0, 1.0);
}`;

/** GLSL of each pixel of a board. */
export const boardFragment = /* glsl */ `
uniform vec3 uRamp[6];
uniform vec3 uStates[10];
uniform vec3 uOutline, uWake, uNeutral, uRing, uPaper;
uniform float uDpr, uByState;
varying vec2 vPoint;
varying vec2 vHalf;
varying vec4 vLook;
varying float vAge;

bool has(float flags, float bit) { return mod(floor(flags / bit), 2.0) > 0.5; }

float boxDistance(vec2 point, vec2 size, float radius) {
  vec2 outside = abs(point) - size + radius;
  return length(max(outside, 0.0)) + min(max(outside.x, outside.y), 0.0) - radius;
}

/** 1 inside, 0 outside, soft over one device pixel. */
float cover(float distance) { return clamp(0.5 - distance * uDpr, 0.0, 1.0); }

vec3 ramp(float value) {
  float scaled = clamp(value, 0.0, 1.0) * 5.0;
  vec3 colour = uRamp[0];
  for (int stop = 0; stop < 5; stop++) colour = mix(colour, uRamp[stop + 1], clamp(scaled - float(stop), 0.0, 1.0));
  return colour;
}

vec3 stateColour(int state) {
  vec3 colour = uStates[0];
  for (int each = 0; each < 10; each++) if (each == state) colour = uStates[each];
  return colour;
}

float levelOf(int state) {
  return state == 0 ? 0.0 : state == 1 ? 0.16 : state == 2 ? 0.36 : state == 3 ? 0.6 : state == 4 ? 0.84 : 1.0;
}

vec4 over(vec4 under, vec3 colour, float alpha) {
  return vec4(colour * alpha + under.rgb * (1.0 - alpha), alpha + under.a * (1.0 - alpha));
}

void main() {
  int state = int(vLook.x + 0.5);
  float flags = vLook.z;
  float radius = min(2.5, vHalf.x * 0.4);
  float distance = boxDistance(vPoint, vHalf, radius);
  float inside = cover(distance);
  float line = max(1.0, min(1.5, vHalf.x * 0.28));
  float rim = inside * cover(-distance - line);
  float height = (vHalf.y - vPoint.y) / (2.0 * vHalf.y);
  float ease = 1.0 - pow(1.0 - vAge, 3.0);
  vec3 own = uByState > 0.5 ? stateColour(state) : vLook.y > 254.5 ? uNeutral : ramp(vLook.y / 254.0);
  vec4 paint = vec4(0.0);

  bool isHot = has(flags, 8.0);
  if (isHot) paint = over(paint, uPaper, cover(distance - 1.5));

  if (state <= 4) {
    vec3 fill = uByState > 0.5 ? own : uWake;
    float before = levelOf(max(0, state - 1));
    float level = mix(before, levelOf(state), ease);
    float poured = clamp((level - height) * 2.0 * vHalf.y * uDpr + 0.5, 0.0, 1.0);
    if (level > 0.0) {
      paint = over(paint, fill, inside * poured * 0.9);
      paint = over(paint, fill, inside * 0.10);
    }
    paint = over(paint, state == 0 ? uOutline : mix(uOutline, fill, 0.55), rim * (state == 0 ? 0.85 : 1.0));
  } else if (state == 6) {
    float stripes = abs(fract((vPoint.x + vPoint.y) / 5.0) - 0.5) * 5.0 - 1.1;
    paint = over(paint, stateColour(6), inside * (0.14 + 0.72 * cover(stripes)));
    paint = over(paint, stateColour(6), rim);
  } else if (state == 7) {
    vec2 across = normalize(vec2(vHalf.y, vHalf.x));
    float cross = min(abs(dot(vPoint, across)), abs(dot(vPoint, vec2(across.x, -across.y))));
    paint = over(paint, stateColour(7), inside * 0.16);
    paint = over(paint, stateColour(7), inside * cover(cross - 0.8));
    paint = over(paint, stateColour(7), rim);
  } else {
    vec3 body = state == 5 ? mix(mix(uWake, uRing, 0.35), own, ease) : own;
    paint = over(paint, body, inside);
    if (state == 8) {
      float bars = abs(fract(vPoint.y / 6.0) - 0.5) * 6.0 - 1.6;
      paint = over(paint, uPaper, inside * cover(-bars) * 0.8 * step(line, -distance));
    }
    if (state == 9) {
      vec2 dots = (fract(vPoint / 5.0) - 0.5) * 5.0;
      paint = over(paint, uPaper, inside * cover(length(dots) - 1.3));
    }
    float glow = state == 5 ? exp(-max(distance, 0.0) * 0.55) * (1.0 - ease) * 0.75 : 0.0;
    paint = over(paint, body, max(0.0, glow * (1.0 - inside)));
  }

  if (has(flags, 16.0)) {
    float spark = length(vPoint - vec2(0.0, -vHalf.y + vHalf.x + 1.0)) - min(2.6, vHalf.x * 0.55);
    paint = over(paint, uPaper, cover(spark - 1.0) * inside);
    paint = over(paint, uRing, cover(spark) * inside);
  }
  if (has(flags, 1.0)) paint *= 0.16;
  if (has(flags, 2.0)) {
    float ring = abs(distance - 3.4) - 1.2;
    paint = over(paint, uPaper, cover(ring - 1.2));
    paint = over(paint, uRing, cover(ring));
  } else if (has(flags, 4.0)) {
    paint = over(paint, uRing, cover(abs(distance - 2.4) - 0.7));
  }
  if (paint.a < 0.004) discard;
  gl_FragColor = paint;
}`;

/** GLSL of the corner of each light's quad. */
export const lightVertex = /* glsl */ `
attribute vec3 glow;
varying vec2 vPoint;
varying vec3 vGlow;
varying float vRadius;
void main() {
  vRadius = instanceMatrix[0][0];
  vPoint = position.xy * 2.0 * vRadius * 3.2;
  vGlow = glow / 255.0;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(instanceMatrix[3].xy + vPoint, 0.0, 1.0);
}`;

/** GLSL of each pixel of a light: a bulb with a halo as bright as it shines, or a hollow circle. */
export const lightFragment = /* glsl */ `
uniform vec3 uLight;
uniform float uDpr;
varying vec2 vPoint;
varying vec3 vGlow;
varying float vRadius;
void main() {
  float distance = length(vPoint) - vRadius;
  float power = max(vGlow.r, max(vGlow.g, vGlow.b));
  float inside = clamp(0.5 - distance * uDpr, 0.0, 1.0);
  float rim = inside * clamp(0.5 + (distance + 1.2) * uDpr, 0.0, 1.0);
  vec3 hue = power > 0.0 ? vGlow / power : uLight;
  float halo = power * 0.55 * exp(-max(distance, 0.0) / (vRadius * 0.62)) * smoothstep(vRadius * 2.2, 0.0, distance);
  vec3 bulb = mix(mix(vGlow, hue, 0.3), vec3(1.0), 0.22 * power * (1.0 - clamp(length(vPoint) / vRadius, 0.0, 1.0)));
  float lit = inside * step(0.002, power);
  vec4 paint = vec4(hue * halo, halo) * (1.0 - inside);
  paint = vec4(uLight, 1.0) * rim * (1.0 - lit) + paint;
  paint = vec4(bulb * lit, lit) + paint * (1.0 - lit);
  if (paint.a < 0.004) discard;
  gl_FragColor = paint;
}`;
