/** Stable id of an operation: ItemsController.list is itemsList. */
export function operationIdOf(controllerName: string, methodName: string): string {
  const subject = controllerName.replace(/Controller$/, '');
  return subject.charAt(0).toLowerCase() + subject.slice(1) + methodName.charAt(0).toUpperCase() + methodName.slice(1);
}
