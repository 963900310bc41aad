/** The tool's path in three dimensions: drawn when something changed, never by the clock. */
import {
  AxesHelper,
  Box3,
  BufferAttribute,
  BufferGeometry,
  Color,
  LineBasicMaterial,
  LineSegments,
  PerspectiveCamera,
  Raycaster,
  Scene,
  Vector2,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import { segmentsOfLine, type Motion, type Run, type Toolpath } from './toolpath';

export type View = 'fit' | 'top' | 'front';
export type Colours = Readonly<Record<Motion | 'marked' | 'ground', string>>;

const LOOKS: Readonly<Record<View, readonly [number, number, number]>> = {
  fit: [0.7, -1, 0.8],
  // A hair off the axis, so that «up» stays what it is.
  top: [0, -0.0001, 1],
  front: [0, -1, 0],
};
const FOV_DEGREES = 35;
const PICK_SHARE = 0.012;

export interface PathView {
  show(runs: readonly Run[]): void;
  mark(line: number | null): void;
  look(view: View): void;
  paint(colours: Colours): void;
  close(): void;
}

/** Raises what WebGLRenderer raises where there is no WebGL. */
export function openScene(canvas: HTMLCanvasElement, path: Toolpath, onPick: (line: number) => void): PathView {
  const renderer = new WebGLRenderer({ canvas, antialias: true });
  renderer.setPixelRatio(Math.min(2, window.devicePixelRatio));
  const scene = new Scene();
  const camera = new PerspectiveCamera(FOV_DEGREES, 0, 0.1, 1e5);
  camera.up.set(0, 0, 1);
  const controls = new OrbitControls(camera, canvas);
  const points = new BufferAttribute(path.points, 3);
  const layers = new Map<Motion, LineSegments<BufferGeometry, LineBasicMaterial>>();
  for (const motion of ['rapid', 'cut', 'probe'] as const) layers.set(motion, lineLayer(points));
  const marked = lineLayer(points);
  marked.material.depthTest = false;
  marked.renderOrder = 1;
  const axes = new AxesHelper(10);
  scene.add(...layers.values(), marked, axes);

  let waiting = 0;
  const draw = () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      renderer.render(scene, camera);
    });
  };
  controls.addEventListener('change', draw);
  const resize = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (width === 0 || height === 0) return;
    renderer.setSize(width, height, false);
    const first = camera.aspect === 0;
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    if (first) look('fit');
    draw();
  });

  const box = boxOf(path);
  const size = Math.max(1, box.getSize(new Vector3()).length());
  axes.scale.setScalar(size / 120);
  const stopPicking = picking(canvas, camera, [...layers.values()], path, size * PICK_SHARE, onPick);

  const look = (view: View) => {
    const centre = box.getCenter(new Vector3());
    // A canvas that is higher than wide sees less to its sides.
    const distance = size / 2 / Math.tan((FOV_DEGREES * Math.PI) / 360) / Math.min(1, camera.aspect || 1);
    camera.position.copy(centre).add(new Vector3(...LOOKS[view]).normalize().multiplyScalar(distance * 1.05));
    camera.near = distance / 100;
    camera.far = distance * 100;
    camera.updateProjectionMatrix();
    controls.target.copy(centre);
    controls.update();
    draw();
  };
  resize.observe(canvas);

  return {
    show(runs) {
      for (const [motion, layer] of layers) setSegments(layer, runs.filter((run) => run.motion === motion).flatMap(pairs));
      draw();
    },
    mark(line) {
      setSegments(marked, line === null ? [] : segmentsOfLine(path, line).flat());
      draw();
    },
    look,
    paint(colours) {
      for (const [motion, layer] of layers) layer.material.color = new Color(colours[motion]);
      marked.material.color = new Color(colours.marked);
      scene.background = new Color(colours.ground);
      draw();
    },
    close() {
      cancelAnimationFrame(waiting);
      resize.disconnect();
      stopPicking();
      controls.dispose();
      for (const layer of [...layers.values(), marked]) {
        layer.geometry.dispose();
        layer.material.dispose();
      }
      renderer.dispose();
    },
  };
}

function lineLayer(points: BufferAttribute): LineSegments<BufferGeometry, LineBasicMaterial> {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', points);
  geometry.setIndex([]);
  const layer = new LineSegments(geometry, new LineBasicMaterial());
  layer.frustumCulled = false;
  return layer;
}

function setSegments(layer: LineSegments, segments: number[]): void {
  layer.geometry.setIndex(new BufferAttribute(Uint32Array.from(segments), 1));
}

const pairs = ({ first, end }: Run): number[] =>
  Array.from({ length: Math.max(0, end - first - 1) }, (_, n) => [first + n, first + n + 1]).flat();

/** Of what is cut, where anything is: rapids from the tool change would make the part a speck. */
function boxOf({ points, runs }: Toolpath): Box3 {
  const cuts = runs.filter(({ motion }) => motion !== 'rapid');
  const box = new Box3();
  for (const { first, end } of cuts.length > 0 ? cuts : runs) {
    for (let n = first; n < end; n += 1) box.expandByPoint(new Vector3(points[3 * n], points[3 * n + 1], points[3 * n + 2]));
  }
  return box;
}

function picking(
  canvas: HTMLCanvasElement,
  camera: PerspectiveCamera,
  layers: LineSegments[],
  path: Toolpath,
  reachMm: number,
  onPick: (line: number) => void,
): () => void {
  const ray = new Raycaster();
  ray.params.Line.threshold = reachMm;
  let pressed = { x: 0, y: 0 };
  const press = ({ clientX: x, clientY: y }: PointerEvent) => void (pressed = { x, y });
  const release = ({ clientX, clientY }: PointerEvent) => {
    // A drag turns the view; only a click picks.
    if (Math.hypot(clientX - pressed.x, clientY - pressed.y) > 4) return;
    const { left, top, width, height } = canvas.getBoundingClientRect();
    ray.setFromCamera(new Vector2(((clientX - left) / width) * 2 - 1, 1 - ((clientY - top) / height) * 2), camera);
    const hit = ray.intersectObjects(layers).toSorted((a, b) => (a.distanceToRay ?? 0) - (b.distanceToRay ?? 0))[0];
    const layer = hit?.object as LineSegments | undefined;
    const point = layer?.geometry.getIndex()?.getX((hit?.index ?? 0) + 1);
    if (point !== undefined) onPick(path.lines[point] ?? 0);
  };
  canvas.addEventListener('pointerdown', press);
  canvas.addEventListener('pointerup', release);
  return () => {
    canvas.removeEventListener('pointerdown', press);
    canvas.removeEventListener('pointerup', release);
  };
}
