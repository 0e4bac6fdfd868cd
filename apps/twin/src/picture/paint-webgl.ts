import {
  Color,
  CustomBlending,
  DoubleSide,
  DynamicDrawUsage,
  InstancedBufferAttribute,
  InstancedMesh,
  LinearSRGBColorSpace,
  Matrix4,
  OneFactor,
  OneMinusSrcAlphaFactor,
  OrthographicCamera,
  PlaneGeometry,
  ShaderMaterial,
  Scene as ThreeScene,
  WebGLRenderer,
} from "three";
import type { Painter, Scene } from "./painter.ts";
import type { Rgb } from "./palette.ts";
import { boardFragment, boardVertex, lightFragment, lightVertex } from "./shader.ts";
import type { View } from "./view.ts";

/** How far back a change may lie before the shader's floats would lose its milliseconds. */
const longAgoMs = 60_000;

/**
 * Draw with WebGL: one InstancedMesh of boards (drawn twice: at rest, then the raised ones above them) and one of lights.
 *
 * @param onBroken called when this machine's graphics cannot run our shaders: nothing would be seen.
 * @throws when the browser gives no WebGL context.
 */
export function createWebglPainter(canvas: HTMLCanvasElement, onBroken: () => void): Painter {
  const renderer = new WebGLRenderer({
    canvas,
    alpha: true,
    antialias: false,
    depth: false,
    powerPreference: "low-power",
  });
  renderer.debug.onShaderError = onBroken;
  renderer.outputColorSpace = LinearSRGBColorSpace;
  renderer.setClearColor(0x000000, 0);
  renderer.autoClear = false;
  const camera = new OrthographicCamera();
  const boards = group(boardVertex, boardFragment, {
    uNow: { value: 0 },
    uPass: { value: 0 },
    uRamp: { value: colours(6) },
    uStates: { value: colours(10) },
    uOutline: { value: new Color() },
    uWake: { value: new Color() },
    uNeutral: { value: new Color() },
    uRing: { value: new Color() },
    uPaper: { value: new Color() },
    uDpr: { value: 1 },
    uByState: { value: 0 },
  });
  const lights = group(lightVertex, lightFragment, { uLight: { value: new Color() }, uDpr: { value: 1 } });
  let drawn: View | null = null;

  const fit = (view: View): void => {
    if (view === drawn) return;
    drawn = view;
    renderer.setPixelRatio(view.dpr);
    renderer.setSize(view.width, view.height, false);
    camera.left = camera.top = 0;
    camera.right = view.width;
    camera.bottom = view.height;
    camera.near = -1;
    camera.updateProjectionMatrix();
    boards.resize(view.rects.length / 4, (index, matrix) => {
      const [x = 0, y = 0, width = 0, height = 0] = view.rects.subarray(index * 4, index * 4 + 4);
      matrix.makeScale(width, height, 1).setPosition(x + width / 2, y + height / 2, 0);
    });
    lights.resize(view.lights.length, (index, matrix) => {
      const { x, y, radius } = view.lights[index]!;
      matrix.makeScale(radius, radius, 1).setPosition(x, y, 0);
    });
  };

  return {
    kind: "webgl",
    async prepare({ view }) {
      fit(view);
      for (const { scene } of [boards, lights]) renderer.compile(scene, camera);
      await reached(renderer.getContext() as WebGL2RenderingContext);
    },
    paint(scene, nowMs) {
      const { view, palette } = scene;
      fit(view);
      fillBoards(boards, scene, nowMs);
      fillLights(lights, scene);
      const { uniforms } = boards.material;
      for (const [at, rgb] of palette.ramp.entries()) set(uniforms.uRamp!.value[at], rgb);
      for (const [at, rgb] of palette.states.entries()) set(uniforms.uStates!.value[at], rgb);
      set(uniforms.uOutline!.value, palette.outline);
      set(uniforms.uWake!.value, palette.wake);
      set(uniforms.uNeutral!.value, palette.neutral);
      set(uniforms.uRing!.value, palette.ring);
      set(uniforms.uPaper!.value, palette.paper);
      uniforms.uNow!.value = longAgoMs;
      uniforms.uByState!.value = scene.isByState ? 1 : 0;
      uniforms.uDpr!.value = lights.material.uniforms.uDpr!.value = view.dpr;
      set(lights.material.uniforms.uLight!.value, palette.light);

      renderer.info.reset();
      renderer.info.autoReset = false;
      renderer.clear();
      for (const pass of [0, 1]) {
        uniforms.uPass!.value = pass;
        renderer.render(boards.scene, camera);
      }
      if (view.lights.length > 0) renderer.render(lights.scene, camera);
      return renderer.info.render.calls;
    },
    dispose() {
      boards.dispose();
      lights.dispose();
      renderer.dispose();
    },
  };
}

/**
 * Until the graphics process has come to here. Asked at once how its shaders are, the page would stand still while they
 * compile; a fence can be looked at without waiting. (three's compileAsync needs an extension that software lacks, and says so.)
 */
function reached(gl: WebGL2RenderingContext): Promise<void> {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  return new Promise((resolve) => {
    const look = (): void => {
      if (fence !== null && !gl.isContextLost() && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED)
        requestAnimationFrame(look);
      else resolve();
    };
    look();
  });
}

type Group = {
  readonly scene: ThreeScene;
  readonly material: ShaderMaterial;
  mesh: InstancedMesh | null;
  resize(count: number, place: (index: number, matrix: Matrix4) => void): void;
  dispose(): void;
};

/** A scene of one InstancedMesh that can be made again for another number of instances. */
function group(vertexShader: string, fragmentShader: string, uniforms: ShaderMaterial["uniforms"]): Group {
  const scene = new ThreeScene();
  const material = new ShaderMaterial({
    vertexShader,
    fragmentShader,
    uniforms,
    transparent: true,
    depthTest: false,
    depthWrite: false,
    side: DoubleSide,
    blending: CustomBlending,
    blendSrc: OneFactor,
    blendDst: OneMinusSrcAlphaFactor,
  });
  const drop = (mesh: InstancedMesh | null): void => {
    if (mesh === null) return;
    scene.remove(mesh);
    mesh.geometry.dispose();
    mesh.dispose();
  };
  return {
    scene,
    material,
    mesh: null,
    resize(count, place) {
      if (this.mesh === null || this.mesh.count !== count) {
        drop(this.mesh);
        const geometry = new PlaneGeometry(1, 1);
        geometry.setAttribute("look", dynamic(new InstancedBufferAttribute(new Uint8Array(count * 4), 4)));
        geometry.setAttribute("changed", dynamic(new InstancedBufferAttribute(new Float32Array(count), 1)));
        geometry.setAttribute("glow", dynamic(new InstancedBufferAttribute(new Uint8Array(count * 3), 3)));
        this.mesh = new InstancedMesh(geometry, material, count);
        this.mesh.frustumCulled = false;
        scene.add(this.mesh);
      }
      const matrix = new Matrix4();
      for (let index = 0; index < count; index++) {
        place(index, matrix.identity());
        this.mesh.setMatrixAt(index, matrix);
      }
      this.mesh.instanceMatrix.needsUpdate = true;
    },
    dispose() {
      drop(this.mesh);
      material.dispose();
    },
  };

  function dynamic(attribute: InstancedBufferAttribute): InstancedBufferAttribute {
    attribute.setUsage(DynamicDrawUsage);
    return attribute;
  }
}

function fillBoards(boards: Group, scene: Scene, nowMs: number): void {
  const geometry = boards.mesh?.geometry;
  if (geometry === undefined) return;
  const look = geometry.getAttribute("look") as InstancedBufferAttribute;
  look.array.set(scene.looks.subarray(0, look.array.length));
  look.needsUpdate = true;
  const changed = geometry.getAttribute("changed") as InstancedBufferAttribute;
  // Times are told as "before now", because a float has too few bits for the milliseconds of a long day.
  for (let index = 0; index < changed.count; index++)
    changed.array[index] = Math.max(0, longAgoMs - (nowMs - (scene.changed[index] ?? -1e9)));
  changed.needsUpdate = true;
}

function fillLights(lights: Group, scene: Scene): void {
  const glow = lights.mesh?.geometry.getAttribute("glow") as InstancedBufferAttribute | undefined;
  if (glow === undefined) return;
  for (let index = 0; index < glow.count; index++) glow.array.set(scene.lights[index] ?? [0, 0, 0], index * 3);
  glow.needsUpdate = true;
}

function colours(count: number): Color[] {
  return Array.from({ length: count }, () => new Color());
}

function set(colour: Color, [red, green, blue]: Rgb): void {
  colour.r = red;
  colour.g = green;
  colour.b = blue;
}
